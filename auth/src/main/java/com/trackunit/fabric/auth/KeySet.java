// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The usable keys of a tenant at one moment. Never empty.
 *
 * @param keys by kid
 * @param skipped what was wrong with the keys that were left out, for an operator
 */
record KeySet(Map<String, SigningKey> keys, List<String> skipped) {
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
}
