"""The edge agent: reads meters and PLCs, keeps what it read, and sends it until it is safe."""
