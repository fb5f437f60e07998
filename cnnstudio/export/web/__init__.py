"""A network as one web page that opens with a double click, computes by itself and cannot send anything."""
