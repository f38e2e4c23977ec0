// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/** A text that must not reach a log: its {@code toString} never shows it. Immutable. */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /**
   * Wraps a secret.
   *
   * @param value the secret itself
   * @return its guard
   */
  public static Secret of(String value) {
    return new Secret(Objects.requireNonNull(value, "value"));
  }

  /**
   * The secret itself, for the one call that needs it.
   *
   * @return what was given to {@link #of}
   */
  public String reveal() {
    return value;
  }

  /** Compares in a time that does not depend on where two secrets of one length differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && MessageDigest.isEqual(bytes(), that.bytes());
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "Secret[***]";
  }

  private byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }
}
