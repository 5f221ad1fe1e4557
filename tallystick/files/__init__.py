"""Files and folders as they are on disk: read once and within bounds, written whole or not at all."""
