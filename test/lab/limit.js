// a test of real hosts may take what a busy machine needs: its limit is for hangs (LONG of harness.ts where everything may be built first)
jest.setTimeout(600_000);
