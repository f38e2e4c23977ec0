// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * The names under which an API is known to Entra ID: what {@code aud} of a token for it may hold.
 * Immutable, thread-safe.
 *
 * <p>A v2 token always names the client id, a v1 token whatever the client asked for: so an API
 * usually lists {@code api://{clientId}} and the client id.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference">
 *     access token claims reference, aud</a>
 */
public final class Audience {
  private final Set<String> clientIds;
  private final Set<String> appIdUris;

  private Audience(Set<String> clientIds, Set<String> appIdUris) {
    this.clientIds = Set.copyOf(clientIds);
    this.appIdUris = Set.copyOf(appIdUris);
  }

  /**
   * An audience of all the names an API goes by.
   *
   * @param names client ids (GUIDs) and App ID URIs (absolute URIs, with or without one slash at
   *     the end); at least one
   * @return the audience
   * @throws IllegalArgumentException if there is no name, or one is neither a GUID nor an absolute
   *     URI
   */
  public static Audience of(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("audience: no names, expected a client id or App ID URI");
    }
    Set<String> clientIds = new LinkedHashSet<>();
    Set<String> appIdUris = new LinkedHashSet<>();
    for (String name : names) {
      UUID clientId = Guid.parse(Objects.requireNonNull(name, "audience: a name is null"));
      if (clientId != null) {
        clientIds.add(clientId.toString());
      } else if (isAbsoluteUri(name)) {
        appIdUris.add(withoutSlash(name));
      } else {
        throw new IllegalArgumentException(
            "audience: \"" + name + "\" is neither a GUID nor an absolute URI such as api://id");
      }
    }
    return new Audience(clientIds, appIdUris);
  }

  /** Whether a v2 token's {@code aud} is one of the client ids. */
  boolean acceptsV2(String aud) {
    return clientIds.contains(aud);
  }

  /** Whether a v1 token's {@code aud} is one of the names; a URI may end in one slash. */
  boolean acceptsV1(String aud) {
    return clientIds.contains(aud) || appIdUris.contains(withoutSlash(aud));
  }

  /** Whether a v1 token that names a URI can be for this API. */
  boolean hasAppIdUri() {
    return !appIdUris.isEmpty();
  }

  private static boolean isAbsoluteUri(String name) {
    try {
      URI uri = URI.create(name);
      return uri.isAbsolute() && !uri.getSchemeSpecificPart().isEmpty();
    } catch (IllegalArgumentException notAUri) {
      return false;
    }
  }

  private static String withoutSlash(String uri) {
    return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Audience that
        && clientIds.equals(that.clientIds)
        && appIdUris.equals(that.appIdUris);
  }

  @Override
  public int hashCode() {
    return 31 * clientIds.hashCode() + appIdUris.hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Audience[clientIds=%s, uris=%s]", clientIds, appIdUris);
  }
}
