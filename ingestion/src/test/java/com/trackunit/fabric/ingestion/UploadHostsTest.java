// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where bytes may go. */
final class UploadHostsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "100.100.100.200",
        "100.64.0.1",
        "100.127.255.255",
        "198.18.0.1",
        "203.0.113.9",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff02::1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::"
      })
  void specialAddressesAreNotPublic(String address) throws UnknownHostException {
    assertThat(PublicAddresses.contain(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "100.63.0.1",
        "100.128.0.1",
        "172.32.0.1",
        "168.63.129.17",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::1"
      })
  void otherAddressesAre(String address) throws UnknownHostException {
    assertThat(PublicAddresses.contain(InetAddress.getByName(address))).isTrue();
  }

  @Test
  void onlyHttpsAndListedHostsWillDo() {
    UploadHosts hosts = UploadHosts.of("Store.Example").andPrivate("minio.internal", "10.0.0.7");

    assertThat(hosts.objectionTo(HttpUrl.get("https://store.example:9000/x?a=b"))).isEmpty();
    assertThat(hosts.objectionTo(HttpUrl.get("https://minio.internal/x"))).isEmpty();
    assertThat(hosts.objectionTo(HttpUrl.get("https://10.0.0.7/x"))).isEmpty();
    assertThat(hosts.objectionTo(HttpUrl.get("http://store.example/x"))).contains("https");
    assertThat(hosts.objectionTo(HttpUrl.get("https://me@store.example/x"))).contains("user");
    assertThat(hosts.objectionTo(HttpUrl.get("https://evil.example/x?sig=SECRET")))
        .contains("evil.example")
        .doesNotContain("SECRET");
    assertThat(UploadHosts.of().objectionTo(HttpUrl.get("https://store.example/"))).isNotEmpty();
  }

  @Test
  void anyPublicHostMeansNamesOnly() {
    UploadHosts hosts = UploadHosts.anyPublic();

    assertThat(hosts.objectionTo(HttpUrl.get("https://bucket.example/x"))).isEmpty();
    assertThat(hosts.objectionTo(HttpUrl.get("https://8.8.8.8/x"))).contains("address");
    assertThat(hosts.objectionTo(HttpUrl.get("https://[::1]/x"))).contains("address");
  }

  @Test
  void oneSpecialAddressAmongSeveralIsEnoughToRefuse() throws UnknownHostException {
    List<InetAddress> addresses =
        List.of(InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1"));

    assertThatThrownBy(
            () -> UploadHosts.of("a.example").over(name -> addresses).lookup("a.example"))
        .isInstanceOf(UnknownHostException.class);
    assertThat(UploadHosts.of().andPrivate("a.example").over(name -> addresses).lookup("A.example"))
        .isEqualTo(addresses);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "https://store.example", "store.example/x", "store.example:9000"})
  void whatIsNoHostNameIsRefused(String host) {
    assertThatThrownBy(() -> UploadHosts.of(host)).isInstanceOf(IllegalArgumentException.class);
  }
}
