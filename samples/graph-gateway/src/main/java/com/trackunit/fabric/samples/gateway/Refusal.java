// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.util.Map;

/**
 * A request that is not executed, and why: an HTTP status, a code for machines and a sentence for
 * people. Over a WebSocket the same refusal is an {@code error} message.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final String BAD_DOCUMENT = "BAD_DOCUMENT";

  private final int status;
  private final String code;
  private final String header;
  private final String headerValue;

  private Refusal(int status, String code, String message, String header, String headerValue) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.header = header;
    this.headerValue = headerValue;
  }

  /** A refusal without a header of its own. */
  static Refusal of(int status, String code, String message) {
    return new Refusal(status, code, message, "", "");
  }

  /** 400: the request cannot be understood. */
  static Refusal badRequest(String message) {
    return of(400, "BAD_REQUEST", message);
  }

  /**
   * The document itself is wrong. To a client that accepts only {@code application/json}, GraphQL
   * over HTTP answers that with 200.
   */
  static Refusal badDocument(String message) {
    return of(400, BAD_DOCUMENT, message);
  }

  /** 405, with the methods that are allowed. */
  static Refusal methodNotAllowed(String allow, String message) {
    return new Refusal(405, "METHOD_NOT_ALLOWED", message, "Allow", allow);
  }

  /** 401 or 403, with the challenge of RFC 6750, section 3. */
  static Refusal challenge(int status, String code, String message, String wwwAuthenticate) {
    return new Refusal(status, code, message, "WWW-Authenticate", wwwAuthenticate);
  }

  /** 401 for a request that carries no token and needs one. */
  static Refusal noToken() {
    return challenge(
        401, "UNAUTHENTICATED", "send a bearer token in the Authorization header", "Bearer");
  }

  int status() {
    return status;
  }

  boolean isAboutDocument() {
    return code.equals(BAD_DOCUMENT);
  }

  /** The header that belongs to the status; empty where none does. */
  Map<String, String> headers() {
    return header.isEmpty() ? Map.of() : Map.of(header, headerValue);
  }

  /** The refusal as one GraphQL error. */
  Map<String, Object> toGraphqlError() {
    return Map.of("message", String.valueOf(getMessage()), "extensions", Map.of("code", code));
  }
}
