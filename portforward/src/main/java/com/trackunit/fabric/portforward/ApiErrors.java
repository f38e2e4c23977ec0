// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.portforward.PortForwardException.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the API server's refusals, and what keeps us from reaching it, into our errors. */
final class ApiErrors {
  private static final Pattern DENIED =
      Pattern.compile("cannot (\\w{1,40}) resource \\\\?\"([\\w./-]{1,100})");

  private ApiErrors() {}

  /** What was asked for, for messages: {@code get services rabbitmq}. */
  record Call(String verb, String resource, String name, String namespace) {
    @Override
    public String toString() {
      return verb
          + " "
          + resource
          + (name.isEmpty() ? "" : " " + name)
          + " in namespace "
          + namespace;
    }
  }

  /**
   * The error for an HTTP status.
   *
   * @param said the server's message or body, as far as there is one
   */
  static PortForwardException of(Call call, int status, @Nullable String said, Throwable cause) {
    return switch (status) {
      case 401 ->
          new PortForwardException(
              Reason.UNAUTHORIZED,
              call + ": the API server does not take the credentials (401); renew them",
              cause);
      case 403 -> forbidden(call, said == null ? "" : said, cause);
      default ->
          new PortForwardException(
              Reason.UNREACHABLE,
              call
                  + ": the API server answered "
                  + status
                  + (said == null ? "" : " (" + bounded(said) + ")")
                  + ", expected success; it is tried again",
              cause);
    };
  }

  /**
   * The error for a token that no header can carry, such as one with a line break. The JDK's
   * exception quotes it, so it is neither told nor kept as a cause.
   */
  static PortForwardException unsendable(Call call) {
    return new PortForwardException(
        Reason.NO_CLUSTER,
        call
            + ": the credentials hold what no header can carry; check the kubeconfig, or what its"
            + " exec plugin prints",
        null);
  }

  /** The error for a call that got no answer. */
  static PortForwardException unreachable(String what, Throwable cause) {
    return new PortForwardException(
        Reason.UNREACHABLE,
        what + ": " + innermost(cause) + "; check the network and the API server's address",
        cause);
  }

  private static AccessForbiddenException forbidden(Call call, String said, Throwable cause) {
    // From Kubernetes 1.35 an upgrade needs another verb than its method says: believe the server.
    Matcher denied = DENIED.matcher(said);
    boolean isNamed = denied.find();
    String verb = isNamed ? denied.group(1) : call.verb();
    String resource = isNamed ? denied.group(2) : call.resource();
    return new AccessForbiddenException(
        verb,
        resource,
        call
            + ": forbidden, the verb "
            + verb
            + " on "
            + resource
            + " is missing in namespace "
            + call.namespace()
            + " (or there is no such namespace); bind the Role of docs/guides/port-forward.md to"
            + " this user",
        cause);
  }

  static String innermost(Throwable thrown) {
    Throwable inner = thrown;
    for (int depth = 0; depth < 16 && inner.getCause() != null; depth++) {
      inner = inner.getCause();
    }
    // The JDK quotes a header that it does not take, and a header may be a token.
    return inner instanceof IllegalArgumentException
        ? inner.getClass().getName()
        : inner.toString();
  }

  static String bounded(String text) {
    String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return line.length() <= 300 ? line : line.substring(0, 300) + " ...";
  }
}
