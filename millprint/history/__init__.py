"""History from CSV: registers or amounts that somebody else kept, brought into the journal."""
