"""Base images: which there are, where they come from, and how stand-ins are built where no registry answers."""
