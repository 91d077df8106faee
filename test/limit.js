// what a test of a real engine or of real hosts may take on a busy machine: a limit for hangs (LONG of lab/harness.ts where everything may be built first)
jest.setTimeout(600_000);
