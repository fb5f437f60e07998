"""How people lay out labelled pictures: folders, tables, names, archives."""
