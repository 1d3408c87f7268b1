"""What puts the product on machines: scripts, services, containers, the bill of materials."""
