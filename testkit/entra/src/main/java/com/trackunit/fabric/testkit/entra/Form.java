// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a posted form, each at most once (RFC 6749, section 3.2). */
final class Form {
  private final Map<String, String> values;

  private Form(Map<String, String> values) {
    this.values = values;
  }

  static Form of(Request request) {
    if (!request.method().equals("POST")) {
      throw EntraError.badRequest(
          "invalid_request",
          900561,
          "The endpoint only accepts POST requests. Received a " + request.method() + " request.");
    }
    String type = request.headers().getFirst("Content-Type");
    if (type == null
        || !type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
      throw missing("grant_type");
    }
    Map<String, String> values = new HashMap<>();
    for (String pair : request.body().split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (values.put(name, value) != null) {
        throw EntraError.badRequest(
            "invalid_request", 90023, "The parameter '" + name + "' is included more than once.");
      }
    }
    return new Form(values);
  }

  /** A value; a blank one counts as absent (RFC 6749, section 3.2). */
  @Nullable String optional(String name) {
    String value = values.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  String required(String name) {
    String value = optional(name);
    if (value == null) {
      throw missing(name);
    }
    return value;
  }

  static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw EntraError.badRequest("invalid_request", 90023, "The request is not well encoded.");
    }
  }

  private static EntraError missing(String name) {
    return EntraError.badRequest(
        "invalid_request",
        900144,
        "The request body must contain the following parameter: '" + name + "'.");
  }
}
