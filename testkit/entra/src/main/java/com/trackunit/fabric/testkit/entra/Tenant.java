// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A directory of the stand-in: its apps, its users, its role assignments. Thread-safe. */
public final class Tenant {
  private final UUID id;
  private final Map<UUID, App> apps = new ConcurrentHashMap<>();
  private final Map<UUID, User> users = new ConcurrentHashMap<>();
  private final Set<Assignment> assignments = ConcurrentHashMap.newKeySet();

  private record Assignment(UUID client, UUID api, String role) {}

  Tenant(UUID id) {
    this.id = id;
  }

  /**
   * The tenant's id.
   *
   * @return {@code tid} in its tokens
   */
  public UUID id() {
    return id;
  }

  /**
   * Registers an app; one with the same client id is replaced.
   *
   * @param app the registration
   * @return the same app
   */
  public App register(App app) {
    apps.put(app.clientId(), app);
    return app;
  }

  /**
   * Adds a user.
   *
   * @param name the display name; in lower case it also begins the username
   * @return the user, with a random object id
   */
  public User addUser(String name) {
    String username = name.toLowerCase(Locale.ROOT).replace(' ', '.') + "@fabric.example";
    User user = new User(id, UUID.randomUUID(), name, username);
    users.put(user.objectId(), user);
    return user;
  }

  /**
   * Assigns an app role to a client, so that its app-only tokens carry it.
   *
   * @param client a registered client
   * @param api the app that defines the role
   * @param role one of {@link App#appRoles()}
   * @throws IllegalArgumentException if the API does not define the role
   */
  public void assignRole(App client, App api, String role) {
    if (!api.appRoles().contains(role)) {
      throw new IllegalArgumentException(
          "role: " + role + " is not defined by " + api + ", which has " + api.appRoles());
    }
    assignments.add(new Assignment(client.clientId(), api.clientId(), role));
  }

  /**
   * The users there are.
   *
   * @return a snapshot
   */
  public List<User> users() {
    return List.copyOf(users.values());
  }

  Optional<App> app(String clientId) {
    return apps.values().stream()
        .filter(app -> app.clientId().toString().equalsIgnoreCase(clientId))
        .findFirst();
  }

  Optional<App> resource(String resource) {
    return apps.values().stream().filter(app -> app.answersTo(resource)).findFirst();
  }

  List<String> roles(App client, App api) {
    return api.appRoles().stream()
        .filter(
            role -> assignments.contains(new Assignment(client.clientId(), api.clientId(), role)))
        .toList();
  }

  /** The object id of an app's service principal, which differs from tenant to tenant. */
  static UUID servicePrincipal(UUID tenant, UUID clientId) {
    return UUID.nameUUIDFromBytes((tenant + "/" + clientId).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "Tenant[" + id + "]";
  }
}
