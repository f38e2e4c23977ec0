// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The usable keys of an authority at one moment. Never empty. One object stands for one generation:
 * as long as the content stays the same, so does the object.
 *
 * @param keys by kid
 * @param issuer the issuer of the discovery document
 * @param cloud what the document calls its instance of Entra ID; null if it does not say
 * @param skipped what was wrong with the keys that were left out, for an operator
 */
record KeySet(
    Map<String, SigningKey> keys, String issuer, @Nullable String cloud, List<String> skipped) {
  KeySet {
    keys = Map.copyOf(keys);
    skipped = List.copyOf(skipped);
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("key set: no usable key, skipped: " + skipped);
    }
  }

  @Nullable SigningKey key(String kid) {
    return keys.get(kid);
  }

  /** Whether a key belongs to the same instance of Entra ID as the set; one that is silent does. */
  boolean isOfItsCloud(SigningKey key) {
    return cloud == null || key.cloud() == null || cloud.equals(key.cloud());
  }

  @SuppressWarnings("ReferenceEquality") // one object stands for one generation
  boolean isSameGeneration(KeySet other) {
    return this == other;
  }

  boolean hasContentOf(KeySet other) {
    return keys.equals(other.keys)
        && issuer.equals(other.issuer)
        && skipped.equals(other.skipped) // an operator is told of them once more
        && Objects.equals(cloud, other.cloud);
  }
}
