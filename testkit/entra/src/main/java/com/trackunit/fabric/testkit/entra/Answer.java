// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer about to be sent.
 *
 * @param pausePerByte zero sends the body at once
 */
record Answer(int status, Map<String, String> headers, String body, Duration pausePerByte) {
  private static final String JSON = "application/json; charset=utf-8";

  static Answer json(int status, @Nullable Object value) {
    return jsonText(status, Json.write(value));
  }

  static Answer jsonText(int status, String json) {
    return of(status, JSON, json);
  }

  static Answer of(int status, String type, String body) {
    return new Answer(status, Map.of("Content-Type", type), body, Duration.ZERO);
  }

  Answer withHeader(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Answer(status, more, body, pausePerByte);
  }

  Answer withBody(String other) {
    return new Answer(status, headers, other, pausePerByte);
  }

  Answer withPausePerByte(Duration pause) {
    return new Answer(status, headers, body, pause);
  }

  @Override
  public String toString() {
    return "Answer[" + status + ", " + body.length() + " characters]";
  }
}
