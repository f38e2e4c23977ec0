// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are published and the one that signs. Like Entra it publishes more than it uses: a
 * next key, and keys that belong to somebody else. Thread-safe.
 */
final class KeyRing {
  /**
   * Keys that stand in the set but do not sign good tokens. They are made once per JVM and cloud,
   * as making an RSA key costs tenths of a second.
   *
   * @param next published ahead of its use; it names no cloud, and a missing one must pass
   */
  private record Others(
      SigningKey next, SigningKey personal, SigningKey otherTenant, SigningKey otherCloud) {
    private static final Map<Cloud, Others> MADE = new ConcurrentHashMap<>();

    static Others of(Cloud cloud) {
      return MADE.computeIfAbsent(cloud, Others::make);
    }

    private static Others make(Cloud cloud) {
      Cloud other = cloud == Cloud.PUBLIC ? Cloud.US_GOVERNMENT : Cloud.PUBLIC;
      return new Others(
          SigningKey.builder().build(),
          SigningKey.builder().cloud(cloud).tenant(Issuers.PERSONAL).build(),
          SigningKey.builder().cloud(cloud).tenant(UUID.randomUUID()).build(),
          SigningKey.builder().cloud(other).build());
    }
  }

  private final Cloud cloud;
  private final Others others;
  private final Map<String, SigningKey> ofApps = new ConcurrentHashMap<>();
  private final Object lock = new Object();
  private volatile List<SigningKey> published;
  private volatile SigningKey current;

  KeyRing(Cloud cloud) {
    this.cloud = cloud;
    this.others = Others.of(cloud);
    this.current = SigningKey.builder().cloud(cloud).build();
    this.published =
        List.of(others.next, current, others.personal, others.otherTenant, others.otherCloud);
  }

  SigningKey current() {
    return current;
  }

  SigningKey personal() {
    return others.personal;
  }

  SigningKey otherTenant() {
    return others.otherTenant;
  }

  SigningKey otherCloud() {
    return others.otherCloud;
  }

  List<SigningKey> published() {
    return published;
  }

  void publish(SigningKey key) {
    synchronized (lock) {
      published = Stream.concat(published.stream(), Stream.of(key)).toList();
    }
  }

  SigningKey rotate() {
    SigningKey fresh = SigningKey.builder().cloud(cloud).build();
    synchronized (lock) {
      publish(fresh);
      current = fresh;
    }
    return fresh;
  }

  void retire(String kid) {
    synchronized (lock) {
      List<SigningKey> left = published.stream().filter(key -> !key.kid().equals(kid)).toList();
      if (left.size() == published.size()) {
        throw new IllegalArgumentException("kid: " + kid + " is not published");
      }
      published = left;
    }
  }

  /** A key that stands only in the set that is asked for with the app's client id. */
  void publishFor(String appId, SigningKey key) {
    ofApps.put(appId, key);
  }

  String set(TokenVersion version, Issuers issuers, String tenant, @Nullable String appId) {
    SigningKey own = appId == null ? null : ofApps.get(appId);
    Stream<SigningKey> shown =
        own == null ? published.stream() : Stream.concat(published.stream(), Stream.of(own));
    Map<String, @Nullable Object> set = new LinkedHashMap<>();
    set.put("keys", shown.map(key -> key.jwk(version, issuers, tenant)).toList());
    return Json.write(set);
  }
}
