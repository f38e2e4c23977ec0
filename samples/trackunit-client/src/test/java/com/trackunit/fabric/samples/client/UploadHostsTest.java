// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadHostsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "::",
        "64:ff9b::a9fe:a9fe",
        "::ffff:10.0.0.1"
      })
  void localAddressesAreNotPublic(String address) throws UnknownHostException {
    assertThat(UploadHosts.isPublic(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111"})
  void otherAddressesAre(String address) throws UnknownHostException {
    assertThat(UploadHosts.isPublic(InetAddress.getByName(address))).isTrue();
  }

  @Test
  void onlyHttpsAndOnlyListedHostsWillDo() {
    UploadHosts listed = new UploadHosts(Set.of("Store.Example"));
    assertThat(listed.objectionTo(HttpUrl.get("https://store.example/x?a=b"))).isEmpty();
    assertThat(listed.objectionTo(HttpUrl.get("http://store.example/x"))).contains("https");
    assertThat(listed.objectionTo(HttpUrl.get("https://evil.example/x?sig=SECRET")))
        .contains("evil.example")
        .doesNotContain("SECRET");
  }

  @Test
  void withoutAListNoAddressAndNoNameOfAPrivateOneWillDo() {
    UploadHosts open = new UploadHosts(Set.of());
    assertThat(open.objectionTo(HttpUrl.get("https://bucket.example/x"))).isEmpty();
    assertThat(open.objectionTo(HttpUrl.get("https://8.8.8.8/x"))).contains("address");
    assertThat(open.objectionTo(HttpUrl.get("https://[::1]/x"))).contains("address");
    assertThatThrownBy(() -> open.lookup("localhost"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("private");
  }

  @Test
  void aListedNameMayHaveAPrivateAddress() throws UnknownHostException {
    assertThat(new UploadHosts(Set.of("localhost")).lookup("localhost")).isNotEmpty();
  }
}
