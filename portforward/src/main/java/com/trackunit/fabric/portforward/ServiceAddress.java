// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import java.util.Objects;

/** Which port of which Service; the port by number or by name. */
record ServiceAddress(String namespace, String service, String port) {
  ServiceAddress {
    requireName("namespace", namespace);
    requireName("service", service);
    Objects.requireNonNull(port, "port");
    if (isNumber(port) && (port.length() > 5 || number(port) < 1 || number(port) > 65_535)) {
      throw new IllegalArgumentException("port-forward: port is " + port + ", expected 1 to 65535");
    }
    if (port.isEmpty()) {
      throw new IllegalArgumentException("port-forward: port is empty, expected a name or number");
    }
  }

  // Names become parts of a URL, so they are held to the API's own form (RFC 1123 labels and
  // names).
  private static void requireName(String option, String value) {
    if (!value.matches("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "port-forward: "
              + option
              + " is '"
              + value
              + "', expected lower-case letters, digits, '-' and '.'");
    }
  }

  private static boolean isNumber(String port) {
    return !port.isEmpty() && port.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static int number(String port) {
    return Integer.parseInt(port);
  }

  /** Whether a Service's port is the one meant. */
  boolean matches(String name, int number) {
    return isNumber(port) ? number(port) == number : port.equals(name);
  }

  @Override
  public String toString() {
    return namespace + "/" + service + ":" + port;
  }
}
