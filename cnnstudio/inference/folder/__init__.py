"""A folder of any number of pictures: a table that grows and can be resumed, and a folder that is watched."""
