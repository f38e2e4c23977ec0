// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.Dns;
import okhttp3.HttpUrl;

/**
 * Where photos may be sent. A presigned URL comes from outside and is not trusted: it must be https
 * and name one of these hosts, and what the host's name resolves to must be a public address, save
 * for hosts that are said to be private. Private, loopback, link-local, carrier-grade, metadata and
 * other special addresses (IANA's special-purpose registries) are refused at the very lookup whose
 * answer is dialled, so that a name cannot change its address in between. Immutable.
 */
public final class UploadHosts {
  private final boolean isAnyPublic;
  private final Set<String> publicHosts;
  private final Set<String> privateHosts;

  private UploadHosts(boolean isAnyPublic, Set<String> publicHosts, Set<String> privateHosts) {
    this.isAnyPublic = isAnyPublic;
    this.publicHosts = Set.copyOf(publicHosts);
    this.privateHosts = Set.copyOf(privateHosts);
  }

  /**
   * Listed hosts, each with public addresses only.
   *
   * @param hosts names as in presigned URLs, without port, such as {@code
   *     photos.s3.eu-west-1.amazonaws.com}; case does not matter
   * @return the hosts
   * @throws IllegalArgumentException if one is not a host name
   */
  public static UploadHosts of(String... hosts) {
    return new UploadHosts(false, canonical(hosts), Set.of());
  }

  /**
   * Every host name whose addresses are public, for clients that cannot know the object store. An
   * address in place of a name is refused.
   *
   * @return the hosts
   */
  public static UploadHosts anyPublic() {
    return new UploadHosts(true, Set.of(), Set.of());
  }

  /**
   * These hosts, and others that may have any address, private ones too.
   *
   * @param hosts names or addresses as in presigned URLs, without port
   * @return changed hosts
   * @throws IllegalArgumentException if one is not a host name
   */
  public UploadHosts andPrivate(String... hosts) {
    Set<String> added = new HashSet<>(privateHosts);
    added.addAll(canonical(hosts));
    return new UploadHosts(isAnyPublic, publicHosts, added);
  }

  /** Why a URL may not be used; empty text if it may, as far as its spelling tells. */
  String objectionTo(HttpUrl url) {
    if (!url.isHttps()) {
      return "it is not https";
    }
    if (!url.username().isEmpty() || !url.password().isEmpty()) {
      return "it holds a user";
    }
    if (privateHosts.contains(url.host())) {
      return "";
    }
    if (!isAnyPublic && !publicHosts.contains(url.host())) {
      return "its host " + url.host() + " is not one of the upload hosts";
    }
    // OkHttp asks no Dns about an address, so it is judged here.
    return isAddress(url.host()) ? "it names an address, expected a host name" : "";
  }

  /** Looks names up, and refuses what a name may not resolve to. */
  Dns over(Dns dns) {
    return name -> {
      List<InetAddress> addresses = dns.lookup(name);
      if (!privateHosts.contains(name.toLowerCase(Locale.ROOT))
          && !addresses.stream().allMatch(PublicAddresses::contain)) {
        throw new RefusedAddressException(
            "the name " + name + " has an address that is not public");
      }
      return addresses;
    };
  }

  @Override
  public String toString() {
    return "UploadHosts["
        + (isAnyPublic ? "any public" : publicHosts)
        + ", private "
        + privateHosts
        + "]";
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  private static Set<String> canonical(String... hosts) {
    Set<String> names = new HashSet<>();
    for (String host : hosts) {
      String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
      HttpUrl url = HttpUrl.parse("https://" + bracketed + "/");
      if (url == null || url.port() != 443 || !url.encodedPath().equals("/")) {
        throw new IllegalArgumentException(
            "upload host '" + host + "': expected a host name without scheme, port and path");
      }
      names.add(url.host());
    }
    return names;
  }

  /** A name resolved to where nothing may be sent. */
  static final class RefusedAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    RefusedAddressException(String message) {
      super(message);
    }
  }
}
