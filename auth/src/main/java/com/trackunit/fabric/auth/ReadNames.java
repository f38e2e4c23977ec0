// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The member names that are read, to find others that differ from one of them in case alone: some
 * other reader may mix them up. By length, as most names in a token have no twin to compare with.
 */
final class ReadNames {
  private final Set<String> exact;
  private final String[][] byLength;

  ReadNames(Set<String> names) {
    this.exact = Set.copyOf(names);
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    List<List<String>> lists = new ArrayList<>();
    for (int length = 0; length <= longest; length++) {
      lists.add(new ArrayList<>());
    }
    names.forEach(name -> lists.get(name.length()).add(name));
    this.byLength = lists.stream().map(it -> it.toArray(String[]::new)).toArray(String[][]::new);
  }

  /**
   * The name that this one is, but for its case; null if there is none, or it is that very name.
   */
  @Nullable String twinOf(String name) {
    if (name.length() >= byLength.length || exact.contains(name)) {
      return null;
    }
    for (String read : byLength[name.length()]) {
      if (read.equalsIgnoreCase(name)) {
        return read;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return "ReadNames" + Arrays.deepToString(byLength);
  }
}
