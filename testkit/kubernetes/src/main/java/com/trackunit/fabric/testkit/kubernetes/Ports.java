// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

/** The bounds of a port number. */
final class Ports {
  private Ports() {}

  static void check(String what, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(what + ": " + port + ", must be 1 to 65535");
    }
  }
}
