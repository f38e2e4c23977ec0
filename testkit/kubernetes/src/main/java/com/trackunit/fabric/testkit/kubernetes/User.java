// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import com.trackunit.fabric.core.Secret;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who calls the API server, and what RBAC lets them do. A new user may do nothing. Thread-safe;
 * changes hold from the next request on.
 */
public final class User {
  private record Rule(String namespace, String resource, String verb) {}

  private static final String ALL = "*";

  private final String name;
  private volatile Secret token = Secret.of(UUID.randomUUID().toString());
  private final Set<Rule> rules = ConcurrentHashMap.newKeySet();

  User(String name) {
    this.name = name;
  }

  /**
   * The name in the answers.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  /**
   * The bearer token that the API server takes now.
   *
   * @return never empty
   */
  public Secret token() {
    return token;
  }

  /**
   * Makes the token invalid, as its end does, and issues another one.
   *
   * @return the new token
   */
  public Secret renewToken() {
    token = Secret.of(UUID.randomUUID().toString());
    return token;
  }

  /**
   * Allows verbs on a resource, as a Role does.
   *
   * @param namespace where
   * @param resource such as {@code services}, {@code pods/portforward} or {@code
   *     endpointslices.discovery.k8s.io}
   * @param verbs such as {@code get}
   * @return this
   */
  public User may(String namespace, String resource, String... verbs) {
    for (String verb : verbs) {
      rules.add(new Rule(namespace, resource, verb));
    }
    return this;
  }

  /**
   * Allows everything everywhere, as {@code cluster-admin} does.
   *
   * @return this
   */
  public User mayDoAnything() {
    return may(ALL, ALL, ALL);
  }

  /**
   * Takes verbs on a resource away.
   *
   * @param namespace where
   * @param resource as given to {@link #may}
   * @param verbs such as {@code get}
   * @return this
   */
  public User mayNot(String namespace, String resource, String... verbs) {
    for (String verb : verbs) {
      rules.remove(new Rule(namespace, resource, verb));
    }
    return this;
  }

  boolean mayDo(String namespace, String resource, String verb) {
    return rules.contains(new Rule(namespace, resource, verb))
        || rules.contains(new Rule(ALL, ALL, ALL));
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "User[" + name + "]";
  }
}
