// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells which client asks, and whether it proved to be that one. */
final class Clients {
  private record Credentials(String id, @Nullable Secret secret) {}

  private final Directory directory;

  Clients(Directory directory) {
    this.directory = directory;
  }

  /** For flows that a public client may use; a confidential one must still show its secret. */
  App any(Request request, Form form) {
    Credentials shown = shown(request, form);
    App app = app(request, shown.id());
    if (app.publicClient()) {
      if (shown.secret() != null) {
        throw denied(
            700025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be"
                + " presented.");
      }
      return app;
    }
    if (shown.secret() == null) {
      throw denied(
          7000218,
          "The request body must contain the following parameter: 'client_assertion' or"
              + " 'client_secret'.");
    }
    return proven(app, shown.secret());
  }

  /** For the client credentials grant. */
  App confidential(Request request, Form form) {
    Credentials shown = shown(request, form);
    App app = app(request, shown.id());
    if (shown.secret() == null) {
      throw denied(
          7000216,
          "'client_assertion', 'client_secret' or 'request' is required for the"
              + " 'client_credentials' grant type.");
    }
    return proven(app, shown.secret());
  }

  /** For the device code endpoint, which wants only a name. */
  App named(Request request, Form form) {
    return app(request, form.required("client_id"));
  }

  private static App proven(App app, Secret shown) {
    if (!app.secret().equals(Optional.of(shown))) {
      throw denied(
          7000215,
          "Invalid client secret provided. Ensure the secret being sent in the request is the"
              + " client secret value, not the client secret ID, for a secret added to app '"
              + app.clientId()
              + "'.");
    }
    return app;
  }

  private App app(Request request, String clientId) {
    Optional<App> app =
        directory.shared(request.tenant())
            ? directory.anywhere(clientId)
            : directory.required(request.tenant()).app(clientId);
    return app.orElseThrow(
        () ->
            EntraError.badRequest(
                "unauthorized_client",
                700016,
                "Application with identifier '"
                    + clientId
                    + "' was not found in the directory '"
                    + request.tenant()
                    + "'."));
  }

  /** RFC 6749, section 2.3.1: by header or by form, never both. */
  private static Credentials shown(Request request, Form form) {
    String header = request.headers().getFirst("Authorization");
    String posted = form.optional("client_secret");
    if (header == null) {
      return new Credentials(form.required("client_id"), posted == null ? null : Secret.of(posted));
    }
    Credentials basic = basic(header);
    String id = form.optional("client_id");
    if (posted != null || (id != null && !id.equalsIgnoreCase(basic.id()))) {
      throw EntraError.badRequest(
          "invalid_request", 90023, "The client authenticates in more than one way.");
    }
    return basic;
  }

  private static Credentials basic(String header) {
    String[] schemeAndRest = header.split(" ", 2);
    if (schemeAndRest.length != 2 || !schemeAndRest[0].equalsIgnoreCase("Basic")) {
      throw denied(7000216, "The Authorization header is not of the scheme 'Basic'.");
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(schemeAndRest[1]);
      String[] pair = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
      if (pair.length == 2) {
        return new Credentials(Form.decoded(pair[0]), Secret.of(Form.decoded(pair[1])));
      }
    } catch (IllegalArgumentException e) {
      // Not base64: refused below, without showing what it was.
    }
    throw denied(7000216, "The Authorization header does not hold an id and a secret.");
  }

  private static EntraError denied(int code, String text) {
    return new EntraError(401, "invalid_client", code, text);
  }
}
