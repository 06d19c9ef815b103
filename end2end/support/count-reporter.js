// Ends with the line that cargo's test binaries end with, which `cargo xtask test` adds up.

export default class CountReporter {
  #counts = { passed: 0, failed: 0, ignored: 0 };
  #tests = new Map();

  onTestEnd(test) {
    this.#tests.set(test.id, test);
  }

  onError() {
    // Nothing ran, or not all of it: that is a failure too.
    this.#counts.failed += 1;
  }

  onEnd() {
    const kinds = { expected: "passed", flaky: "failed", unexpected: "failed", skipped: "ignored" };
    for (const test of this.#tests.values()) this.#counts[kinds[test.outcome()]] += 1;
    const { passed, failed, ignored } = this.#counts;
    const verdict = failed > 0 ? "FAILED" : "ok";
    console.log(`\ntest result: ${verdict}. ${passed} passed; ${failed} failed; ${ignored} ignored`);
  }
}
