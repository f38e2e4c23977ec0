// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Reads settings from a URI (RabbitMQ URI specification); no message of it shows the URI. */
final class RabbitUri {
  private RabbitUri() {}

  static RabbitSettings.Builder read(String uri) {
    URI parsed = parse(uri);
    String scheme = parsed.getScheme();
    if (!"amqp".equals(scheme) && !"amqps".equals(scheme)) {
      throw new IllegalArgumentException(
          "RabbitMQ URI: scheme is " + scheme + ", expected amqp or amqps");
    }
    String userInfo = parsed.getRawUserInfo();
    int colon = userInfo == null ? -1 : userInfo.indexOf(':');
    if (parsed.getHost() == null || userInfo == null || colon < 0) {
      throw new IllegalArgumentException(
          "RabbitMQ URI: host, user or password is missing, expected"
              + " amqp(s)://user:password@host:port/vhost");
    }
    RabbitSettings.Builder builder =
        RabbitSettings.builder(
            parsed.getHost(),
            decoded(userInfo.substring(0, colon)),
            Secret.of(decoded(userInfo.substring(colon + 1))));
    if (parsed.getPort() != -1) {
      builder.port(parsed.getPort());
    }
    String path = parsed.getRawPath();
    if (path != null && !path.isEmpty()) {
      if (path.indexOf('/', 1) >= 0) {
        throw new IllegalArgumentException(
            "RabbitMQ URI: the path has several segments; percent-encode a slash in a virtual"
                + " host");
      }
      builder.virtualHost(decoded(path.substring(1)));
    }
    if ("amqps".equals(scheme)) {
      builder.tls();
    }
    return builder;
  }

  // java.net.URI's own exception would show the password.
  private static URI parse(String uri) {
    try {
      return URI.create(uri);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "RabbitMQ URI: malformed; percent-encode user, password and virtual host"); // no cause
    }
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
