"""Where things stand: layers, the engines that order them, and columns with straight edges."""
