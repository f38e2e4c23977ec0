// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the parameter {@code scope} asks for: permissions of one API, and OpenID Connect's extras.
 *
 * @param resource the API as the client spelled it; null asks for Microsoft Graph
 * @param permissions the names behind the resource, such as {@code analysis} or {@code .default}
 * @param extras those of {@code openid}, {@code profile}, {@code email}, {@code offline_access}
 */
record Wish(@Nullable String resource, List<String> permissions, List<String> extras) {
  private static final Set<String> OPENID = Set.of("openid", "profile", "email", "offline_access");
  private static final String DEFAULT = ".default";

  static Wish of(String scope) {
    String resource = null;
    List<String> permissions = new ArrayList<>();
    List<String> extras = new ArrayList<>();
    for (String one : scope.strip().split(" +", -1)) {
      int slash = one.lastIndexOf('/');
      if (OPENID.contains(one)) {
        extras.add(one);
      } else if (slash < 0) {
        permissions.add(one); // a bare name is a permission of Graph
      } else {
        String named = one.substring(0, slash);
        if (resource != null && !resource.equals(named)) {
          throw invalid("contains more than one resource");
        }
        resource = named;
        permissions.add(one.substring(slash + 1));
      }
    }
    if (permissions.contains(DEFAULT) && permissions.size() > 1) {
      throw invalid("mixes '.default' with single permissions of a resource");
    }
    return new Wish(resource, List.copyOf(permissions), List.copyOf(extras));
  }

  boolean everything() {
    return permissions.equals(List.of(DEFAULT));
  }

  boolean wants(String extra) {
    return extras.contains(extra);
  }

  private static EntraError invalid(String why) {
    return EntraError.badRequest(
        "invalid_scope",
        70011,
        "The provided value for the input parameter 'scope' is not valid: it " + why + ".");
  }
}
