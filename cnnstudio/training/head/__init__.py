"""A last layer on frozen features, solved for: a regularised logistic regression whose strength the pictures choose."""
