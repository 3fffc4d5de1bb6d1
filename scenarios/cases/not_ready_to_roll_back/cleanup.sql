ROLLBACK PREPARED 'forgotten by people';
