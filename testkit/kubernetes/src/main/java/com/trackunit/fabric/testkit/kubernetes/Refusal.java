// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A failure as the API server words it: a {@code Status} object (API conventions, "Response Status
 * Kind").
 */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;
  private final transient Map<String, Object> details;

  private Refusal(int code, String reason, String message, Map<String, Object> details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  static Refusal unauthorized() {
    return new Refusal(401, "Unauthorized", "Unauthorized", Map.of());
  }

  static Refusal notFound(Kind kind, String name) {
    return new Refusal(
        404, "NotFound", kind.qualified() + " \"" + name + "\" not found", details(kind, name));
  }

  static Refusal noSuchPath() {
    return new Refusal(
        404, "NotFound", "the server could not find the requested resource", Map.of());
  }

  /** The wording of RBAC's own denials. */
  static Refusal forbidden(String user, String verb, Kind kind, String subresource, ObjectName at) {
    String resource = kind.plural() + (subresource.isEmpty() ? "" : "/" + subresource);
    String subject = at.name().isEmpty() ? "" : " \"" + at.name() + "\"";
    String scope =
        at.namespace().isEmpty()
            ? " at the cluster scope"
            : " in the namespace \"" + at.namespace() + "\"";
    return new Refusal(
        403,
        "Forbidden",
        kind.qualified()
            + subject
            + " is forbidden: User \""
            + user
            + "\" cannot "
            + verb
            + " resource \""
            + resource
            + "\" in API group \""
            + kind.group()
            + "\""
            + scope,
        details(kind, at.name()));
  }

  static Refusal badRequest(String message) {
    return new Refusal(400, "BadRequest", message, Map.of());
  }

  static Refusal methodNotAllowed() {
    return new Refusal(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        Map.of());
  }

  static Refusal expired(String revision) {
    return new Refusal(410, "Expired", "too old resource version: " + revision, Map.of());
  }

  int code() {
    return code;
  }

  Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("metadata", Map.of());
    status.put("status", "Failure");
    status.put("message", String.valueOf(getMessage()));
    status.put("reason", reason);
    if (!details.isEmpty()) {
      status.put("details", details);
    }
    status.put("code", code);
    return status;
  }

  private static Map<String, Object> details(Kind kind, String name) {
    Map<String, Object> details = new LinkedHashMap<>();
    if (!name.isEmpty()) {
      details.put("name", name);
    }
    if (!kind.group().isEmpty()) {
      details.put("group", kind.group());
    }
    details.put("kind", kind.plural());
    return details;
  }
}
