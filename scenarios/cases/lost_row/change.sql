DELETE FROM scans WHERE place = 'lost';
