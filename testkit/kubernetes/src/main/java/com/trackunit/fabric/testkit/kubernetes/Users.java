// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import com.trackunit.fabric.core.Secret;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Whom the API server knows. Thread-safe. */
final class Users {
  private static final String BEARER = "Bearer ";

  private final Map<String, User> byName = new ConcurrentHashMap<>();

  User named(String name) {
    return byName.computeIfAbsent(name, User::new);
  }

  /** By token, else by certificate; nobody is anonymous here. */
  User authenticate(ApiRequest request, String certificateName) throws Refusal {
    String authorization = request.header("authorization");
    if (authorization.startsWith(BEARER)) {
      Secret token = Secret.of(authorization.substring(BEARER.length()));
      return byName.values().stream()
          .filter(user -> user.token().equals(token))
          .findFirst()
          .orElseThrow(Refusal::unauthorized);
    }
    User user = byName.get(certificateName);
    if (user == null) {
      throw Refusal.unauthorized();
    }
    return user;
  }
}
