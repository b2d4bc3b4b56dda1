"""Result files, and the page of the documentation that is made from them."""
