// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a device begins its login, and where its user enters the code. Thread-safe. */
final class DeviceEndpoints {
  private static final String PAGE =
      """
      <!doctype html>
      <title>Enter code</title>
      <form method="post">
        <label>Code <input name="user_code" autocomplete="off"></label>
        <label>User name <input name="username"></label>
        <button name="action" value="approve">Approve</button>
        <button name="action" value="decline">Decline</button>
      </form>
      """;

  private final URI verification;
  private final Directory directory;
  private final Clients clients;
  private final DeviceCodes devices;

  DeviceEndpoints(URI authority, Directory directory, DeviceCodes devices) {
    this.verification = URI.create(authority + "/common/oauth2/deviceauth");
    this.directory = directory;
    this.clients = new Clients(directory);
    this.devices = devices;
  }

  Answer begin(Request request) {
    Form form = Form.of(request);
    App client = clients.named(request, form);
    Wish wish = Wish.of(form.required("scope"));
    DeviceCodes.Login login = devices.begin(directory.canonical(request.tenant()), client, wish);
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("user_code", login.userCode);
    body.put("device_code", login.deviceCode);
    body.put("verification_uri", verification.toString());
    body.put("expires_in", DeviceCodes.LIFETIME.toSeconds());
    body.put("interval", devices.interval().toSeconds());
    body.put(
        "message",
        "To sign in, use a web browser to open the page "
            + verification
            + " and enter the code "
            + login.userCode
            + " to authenticate.");
    return Answer.json(200, body).withHeader("Cache-Control", "no-store, no-cache");
  }

  Answer page(Request request) {
    if (request.method().equals("GET")) {
      return Answer.of(200, "text/html; charset=utf-8", PAGE);
    }
    Form form = Form.of(request);
    String userCode = form.required("user_code");
    boolean decline = Objects.equals(form.optional("action"), "decline");
    boolean done = decline ? devices.decline(userCode) : devices.approve(userCode, user(form));
    if (!done) {
      throw EntraError.badRequest(
          "invalid_request",
          70018,
          "That code didn't work for this user. Check the code and try again.");
    }
    return Answer.of(200, "text/plain", decline ? "Declined" : "Approved; return to your device");
  }

  private User user(Form form) {
    String username = form.optional("username");
    List<User> fitting =
        directory.users().stream()
            .filter(user -> username == null || user.username().equalsIgnoreCase(username))
            .toList();
    if (fitting.size() != 1) {
      throw EntraError.badRequest(
          "invalid_request",
          50034,
          "'username' must name one user; " + fitting.size() + " users fit what was sent.");
    }
    return fitting.get(0);
  }
}
