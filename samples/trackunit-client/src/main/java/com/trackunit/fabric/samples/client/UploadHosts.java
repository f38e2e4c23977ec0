// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.Dns;
import okhttp3.HttpUrl;

/**
 * Where a photo may be sent. A presigned URL comes from outside and is not trusted: it must be
 * https and name a listed host. Without a list any public host will do, and none whose name
 * resolves to a private, link-local, loopback or other local address. A listed host may have any
 * address.
 *
 * <p>Immutable; as a {@link Dns} it refuses at the lookup whose answer is dialled, so that a name
 * cannot change its address in between.
 */
final class UploadHosts implements Dns {
  private final Set<String> listed;

  UploadHosts(Set<String> listed) {
    this.listed = Set.copyOf(listed.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
  }

  /** Why a URL may not be used; empty text if it may, as far as its spelling tells. */
  String objectionTo(HttpUrl url) {
    if (!url.isHttps()) {
      return "it is not https";
    }
    if (!listed.isEmpty() && !listed.contains(url.host())) {
      return "its host " + url.host() + " is not one of the upload hosts";
    }
    // OkHttp asks no Dns about an address, so it is judged here.
    boolean isAddress = url.host().indexOf(':') >= 0 || url.host().matches("[0-9.]+");
    if (isAddress && listed.isEmpty()) {
      return "it names an address, expected a host name";
    }
    return "";
  }

  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    List<InetAddress> addresses = Dns.SYSTEM.lookup(hostname);
    if (!listed.contains(hostname.toLowerCase(Locale.ROOT))
        && !addresses.stream().allMatch(UploadHosts::isPublic)) {
      throw new UnknownHostException(hostname + " resolves to a private address: refused");
    }
    return addresses;
  }

  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      int first = bytes[0] & 0xFF;
      int second = bytes[1] & 0xFF;
      // RFC 6598 shared space (carrier grade, tailnets), 'this network', reserved.
      return !(first == 100 && (second & 0xC0) == 64) && first != 0 && first < 240;
    }
    // RFC 4193 unique local (fc00::/7), and NAT64 (64:ff9b::/96), which may hide any IPv4 address.
    return (bytes[0] & 0xFE) != 0xFC
        && !(bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xFF) == 0xFF);
  }
}
