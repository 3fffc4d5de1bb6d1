"""The listeners: pytest plugins that observe a verification and render it. They never judge."""
