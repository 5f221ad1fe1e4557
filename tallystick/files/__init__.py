"""Files and folders as they are on disk: written whole or not at all."""
