// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/** A target with a flaw that a fuzzer finds if it sees which branches the target takes. */
final class FlawedFuzz {
  private FlawedFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length > 3 && input[0] == 'f' && input[1] == 'l' && input[2] == 'a') {
      throw new AssertionError("the flaw");
    }
  }
}
