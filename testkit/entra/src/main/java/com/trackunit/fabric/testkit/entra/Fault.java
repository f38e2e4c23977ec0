// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** A way in which an endpoint misbehaves until it is healed. Immutable. */
public final class Fault {
  private final String name;
  private final UnaryOperator<Answer> spoil;

  private Fault(String name, UnaryOperator<Answer> spoil) {
    this.name = name;
    this.spoil = spoil;
  }

  /**
   * Answers with a bare status and no JSON.
   *
   * @param status such as 500 or 429
   * @return the fault
   */
  public static Fault status(int status) {
    return new Fault(
        "status " + status, good -> Answer.of(status, "text/html", "<html>unavailable</html>"));
  }

  /**
   * A key set without a key.
   *
   * @return the fault
   */
  public static Fault emptyKeySet() {
    return new Fault("empty key set", good -> Answer.jsonText(200, "{\"keys\":[]}"));
  }

  /**
   * The good body, cut in the middle.
   *
   * @return the fault
   */
  public static Fault invalidJson() {
    return new Fault(
        "invalid JSON", good -> good.withBody(good.body().substring(0, good.body().length() / 2)));
  }

  /**
   * The good key set with a malformed key before the others; the others must still serve.
   *
   * @return the fault
   */
  public static Fault oneBadKey() {
    String bad = "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"bad\",\"n\":\"!!\",\"e\":17},";
    return rewritten(body -> body.replaceFirst("\\[", "[" + bad));
  }

  /**
   * The good body, followed by white space.
   *
   * @param bytes the length of the whole, up to 64 MiB
   * @return the fault
   */
  public static Fault hugeBody(int bytes) {
    if (bytes < 0 || bytes > 64 << 20) {
      throw new IllegalArgumentException("bytes: " + bytes + ", must be 0 to " + (64 << 20));
    }
    return new Fault(
        "huge body",
        good -> good.withBody(good.body() + " ".repeat(Math.max(0, bytes - good.body().length()))));
  }

  /**
   * The good body, byte by byte.
   *
   * @param pausePerByte the pause before each byte
   * @return the fault
   */
  public static Fault slowBody(Duration pausePerByte) {
    Objects.requireNonNull(pausePerByte, "pausePerByte");
    return new Fault("slow body", good -> good.withPausePerByte(pausePerByte));
  }

  /**
   * A redirect, off-host or to {@code http:} as the case may be.
   *
   * @param location where to
   * @return the fault
   */
  public static Fault redirect(URI location) {
    return new Fault(
        "redirect",
        good -> new Answer(302, Map.of("Location", location.toString()), "", Duration.ZERO));
  }

  /**
   * The good body after any change of its text.
   *
   * @param change runs on a thread of the server
   * @return the fault
   */
  public static Fault rewritten(UnaryOperator<String> change) {
    Objects.requireNonNull(change, "change");
    return new Fault("rewritten", good -> good.withBody(change.apply(good.body())));
  }

  Answer applyTo(Answer good) {
    return spoil.apply(good);
  }

  @Override
  public String toString() {
    return "Fault[" + name + "]";
  }
}
