"""Reports: for each form one module, for each command a function in it from the command's result to a text."""
