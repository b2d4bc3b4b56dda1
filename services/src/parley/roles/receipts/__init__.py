"""How far users got: the receipts log becomes watermarks, and word of them to those who care."""
