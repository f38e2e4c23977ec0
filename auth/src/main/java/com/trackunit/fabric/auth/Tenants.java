// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Whose tokens are accepted: one tenant's, those of a list, or any organisation's. Immutable,
 * thread-safe.
 *
 * <p>A caller is the pair of tenant and object id. Whoever accepts more than one tenant keeps data
 * of different tenants apart by {@link AccessToken#tenantId()}.
 */
public final class Tenants {
  /** The tenant of all personal Microsoft accounts. */
  static final UUID PERSONAL_ACCOUNTS = UUID.fromString("9188040d-6c67-4c5b-b112-36a304b66dad");

  /** Empty: any organisation. */
  private final Set<UUID> listed;

  private Tenants(Set<UUID> listed) {
    this.listed = Set.copyOf(listed);
  }

  /**
   * One tenant.
   *
   * @param tenantId its id
   * @return that tenant alone
   */
  public static Tenants only(UUID tenantId) {
    return listed(List.of(tenantId));
  }

  /**
   * The tenants of a list. Personal accounts are accepted where their tenant, {@code
   * 9188040d-6c67-4c5b-b112-36a304b66dad}, is on it.
   *
   * @param tenantIds at least one
   * @return those tenants and no others
   * @throws IllegalArgumentException if the list is empty; any organisation is said by name
   */
  public static Tenants listed(Collection<UUID> tenantIds) {
    Set<UUID> listed = new LinkedHashSet<>();
    for (UUID tenantId : tenantIds) {
      listed.add(Objects.requireNonNull(tenantId, "tenantId"));
    }
    if (listed.isEmpty()) {
      throw new IllegalArgumentException(
          "tenants: none listed, expected at least one; anyOrganization() accepts all");
    }
    return new Tenants(listed);
  }

  /**
   * Every tenant of every organisation, known or not; not personal accounts. What a caller may do
   * is then wholly the service's to decide, from tenant and object id.
   *
   * @return any organisation
   */
  public static Tenants anyOrganization() {
    return new Tenants(Set.of());
  }

  boolean accept(UUID tenantId) {
    return listed.isEmpty() ? !tenantId.equals(PERSONAL_ACCOUNTS) : listed.contains(tenantId);
  }

  boolean isOne() {
    return listed.size() == 1;
  }

  /** What stands for these tenants in the address of their discovery document. */
  String segment() {
    if (isOne()) {
      return listed.iterator().next().toString();
    }
    return listed.contains(PERSONAL_ACCOUNTS) ? "common" : "organizations";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tenants that && listed.equals(that.listed);
  }

  @Override
  public int hashCode() {
    return listed.hashCode();
  }

  @Override
  public String toString() {
    return listed.isEmpty() ? "Tenants[any organisation]" : "Tenants" + listed;
  }
}
