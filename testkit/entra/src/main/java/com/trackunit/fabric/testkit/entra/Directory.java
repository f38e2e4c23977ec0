// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The tenants there are, and the aliases that stand for many of them. Thread-safe. */
final class Directory {
  private static final Set<String> SHARED = Set.of("common", "organizations");

  private final Map<UUID, Tenant> tenants = new ConcurrentHashMap<>();

  Tenant add(UUID id) {
    return tenants.computeIfAbsent(id, Tenant::new);
  }

  Optional<Tenant> tenant(String segment) {
    try {
      return Optional.ofNullable(tenants.get(UUID.fromString(segment)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  Tenant required(String segment) {
    return tenant(segment).orElseThrow(() -> notFound(segment));
  }

  /** A client of any tenant, for paths that name none. */
  Optional<App> anywhere(String clientId) {
    return tenants.values().stream().flatMap(it -> it.app(clientId).stream()).findFirst();
  }

  List<User> users() {
    return tenants.values().stream().flatMap(tenant -> tenant.users().stream()).toList();
  }

  /** A path segment in its one spelling. */
  String canonical(String segment) {
    return segment.toLowerCase(Locale.ROOT);
  }

  boolean shared(String segment) {
    return SHARED.contains(canonical(segment));
  }

  /** The tenant that documents for a path segment name, or empty where nobody has that name. */
  Optional<String> documentTenant(String segment) {
    if (shared(segment)) {
      return Optional.of(Issuers.TEMPLATE);
    }
    if (segment.equalsIgnoreCase("consumers")) {
      return Optional.of(Issuers.PERSONAL.toString());
    }
    return tenant(segment).map(tenant -> tenant.id().toString());
  }

  static EntraError notFound(String segment) {
    return EntraError.badRequest(
        "invalid_tenant",
        90002,
        "Tenant '" + segment + "' not found. Check that it is the right tenant and cloud.");
  }
}
