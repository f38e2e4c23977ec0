// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.testkit.entra.Cloud;
import com.trackunit.fabric.testkit.entra.Endpoint;
import com.trackunit.fabric.testkit.entra.EntraStandIn;
import com.trackunit.fabric.testkit.entra.Fault;
import com.trackunit.fabric.testkit.entra.SigningKey;
import com.trackunit.fabric.testkit.entra.Tenant;
import com.trackunit.fabric.testkit.entra.TokenBuilder;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose tokens are accepted: lists of tenants, any organisation, clouds, External ID. */
@Timeout(120)
class TenantsAndCloudsTest {
  private static final UUID PERSONAL = UUID.fromString("9188040d-6c67-4c5b-b112-36a304b66dad");

  @AutoClose private final EntraFixture fixture = new EntraFixture();
  private final Tenant home = fixture.entra.tenant();
  private final Tenant friend = fixture.entra.addTenant(UUID.randomUUID());
  private final Tenant other = fixture.entra.addTenant(UUID.randomUUID());

  @ParameterizedTest
  @EnumSource(TokenVersion.class)
  void aListAcceptsItsTenantsAndNoOther(TokenVersion version) {
    try (EntraTokenValidator validator = of(Tenants.listed(List.of(home.id(), friend.id())))) {
      assertThat(verdict(validator, token().version(version))).isEqualTo("accepted");
      assertThat(verdict(validator, token().version(version).tenant(friend))).isEqualTo("accepted");
      assertThat(verdict(validator, token().version(version).tenant(other)))
          .isEqualTo("tenant_refused");
    }
  }

  @ParameterizedTest
  @EnumSource(TokenVersion.class)
  void anyOrganisationLeavesPersonalAccountsOut(TokenVersion version) {
    Tenant personal = fixture.entra.addTenant(PERSONAL);
    SigningKey theirs = keyOf(PERSONAL);
    try (EntraTokenValidator validator = of(Tenants.anyOrganization())) {
      assertThat(verdict(validator, token().version(version).tenant(other))).isEqualTo("accepted");
      assertThat(verdict(validator, token().version(version).tenant(personal)))
          .isEqualTo("tenant_refused");
      assertThat(verdict(validator, token().version(version).signedBy(theirs)))
          .isEqualTo("key_issuer_refused");
    }
  }

  @Test
  void personalAccountsAreAcceptedWhereTheirTenantIsListedAndOnlyWithTheirKey() {
    Tenant personal = fixture.entra.addTenant(PERSONAL);
    try (EntraTokenValidator validator = of(Tenants.listed(List.of(home.id(), PERSONAL)))) {
      assertThat(verdict(validator, token().tenant(personal).signedBy(keyOf(PERSONAL))))
          .isEqualTo("accepted");
      assertThat(verdict(validator, token().signedBy(keyOf(PERSONAL))))
          .isEqualTo("key_issuer_refused");
    }
  }

  @Test
  void aKeyOfOneTenantSignsForNoOtherInASetThatServesMany() {
    SigningKey friends = SigningKey.builder().tenant(friend.id()).build();
    fixture.entra.publishKey(friends);
    try (EntraTokenValidator validator = of(Tenants.anyOrganization())) {
      assertThat(verdict(validator, token().tenant(friend).signedBy(friends)))
          .isEqualTo("accepted");
      assertThat(verdict(validator, token().tenant(other).signedBy(friends)))
          .isEqualTo("key_issuer_refused");
    }
  }

  @Test
  void aKeyWithoutIssuerIsRefusedWhereTheSetServesMany() {
    SigningKey nobodys = SigningKey.builder().withoutIssuer().build();
    fixture.entra.publishKey(nobodys);
    try (EntraTokenValidator many = of(Tenants.anyOrganization());
        EntraTokenValidator one = of(Tenants.only(home.id()))) {
      assertThat(verdict(many, token().signedBy(nobodys))).isEqualTo("key_issuer_refused");
      assertThat(verdict(one, token().signedBy(nobodys))).isEqualTo("accepted");
    }
  }

  @Test
  void tenantAndIssuerMustAgreeAlsoWhereEveryTenantIsAccepted() {
    try (EntraTokenValidator validator = of(Tenants.anyOrganization())) {
      assertThat(verdict(validator, token().claim("tid", other.id().toString())))
          .isEqualTo("issuer_refused");
      assertThat(verdict(validator, token().tenant(friend).claim("tid", home.id().toString())))
          .isEqualTo("issuer_refused");
    }
  }

  @ParameterizedTest
  @EnumSource(EntraCloud.class)
  void eachCloudHasItsOwnFormOfV1Issuers(EntraCloud cloud) {
    Cloud played = Cloud.valueOf(cloud.name());
    try (EntraFixture there = new EntraFixture(EntraStandIn.builder().cloud(played));
        EntraTokenValidator validator =
            there.validator().authority(Authority.of(cloud, there.entra.authority())).build()) {
      for (TokenVersion version : TokenVersion.values()) {
        assertThat(verdict(validator, there.token().version(version))).isEqualTo("accepted");
      }
      String elsewhere =
          cloud == EntraCloud.CHINA ? "https://sts.windows.net/" : "https://sts.chinacloudapi.cn/";
      assertThat(
              verdict(
                  validator,
                  there
                      .token()
                      .version(TokenVersion.V1)
                      .issuer(elsewhere + there.entra.tenant().id() + "/")))
          .isEqualTo("issuer_refused");
    }
  }

  @Test
  void anotherFormOfV1IssuersCanBeSaid() {
    Authority authority =
        Authority.of(EntraCloud.US_GOVERNMENT, fixture.entra.authority())
            .withV1Issuer("https://sts.example/{tenantid}/");
    try (EntraTokenValidator validator = fixture.validator().authority(authority).build()) {
      TokenBuilder v1 = token().version(TokenVersion.V1);
      assertThat(verdict(validator, v1)).isEqualTo("issuer_refused");
      assertThat(verdict(validator, v1.issuer("https://sts.example/" + home.id() + "/")))
          .isEqualTo("accepted");
    }
  }

  @Test
  void externalIdTakesItsIssuerFromItsDocument() {
    try (EntraFixture ciam = new EntraFixture(EntraStandIn.builder().externalId());
        EntraTokenValidator validator =
            ciam.validator().authority(Authority.externalId(ciam.entra.authority())).build()) {
      UUID tid = ciam.entra.tenant().id();
      assertThat(verdict(validator, ciam.token())).isEqualTo("accepted");
      assertThat(
              verdict(
                  validator, ciam.token().issuer("https://evil.ciamlogin.com/" + tid + "/v2.0")))
          .isEqualTo("issuer_refused");
      assertThat(verdict(validator, ciam.token().version(TokenVersion.V1)))
          .isEqualTo("version_refused");
      SigningKey theirs = SigningKey.builder().tenant(UUID.randomUUID()).build();
      ciam.entra.publishKey(theirs);
      assertThat(verdict(validator, ciam.token().signedBy(theirs))).isEqualTo("key_issuer_refused");
    }
  }

  @Test
  void aDocumentForAnotherTenantIsNotBelieved() {
    fixture.entra.fail(
        Endpoint.DISCOVERY_V2,
        Fault.rewritten(it -> it.replace(home.id() + "/v2.0\"", friend.id() + "/v2.0\"")));
    try (EntraTokenValidator validator = of(Tenants.only(home.id()))) {
      assertThat(verdict(validator, token())).isEqualTo("keys_unavailable");
    }
  }

  @Test
  void aDocumentForManyTenantsNamesTheTemplate() {
    fixture.entra.fail(
        Endpoint.DISCOVERY_V2,
        Fault.rewritten(it -> it.replace("{tenantid}/v2.0\"", home.id() + "/v2.0\"")));
    try (EntraTokenValidator many = of(Tenants.anyOrganization());
        EntraTokenValidator one = of(Tenants.only(home.id()))) {
      assertThat(verdict(many, token())).isEqualTo("keys_unavailable");
      assertThat(verdict(one, token())).isEqualTo("accepted");
    }
  }

  @Test
  void anAppWithKeysOfItsOwnNamesItselfWhenItFetchesThem() {
    SigningKey own = SigningKey.builder().build();
    fixture.entra.publishKeyOf(fixture.api, own);
    Authority authority = Authority.at(fixture.entra.authority());
    try (EntraTokenValidator plain = fixture.validator().build();
        EntraTokenValidator aware =
            fixture.validator().authority(authority.withKeysOf(fixture.api.clientId())).build()) {
      assertThat(verdict(aware, token().signedBy(own))).isEqualTo("accepted");
      assertThat(verdict(aware, token())).isEqualTo("accepted");
      assertThat(verdict(plain, token().signedBy(own))).isEqualTo("kid_unknown");
    }
  }

  @Test
  void anAddressTellsTheAuthorityBehindIt() {
    assertThat(Authority.at(URI.create("https://login.microsoftonline.us/")))
        .isEqualTo(Authority.of(EntraCloud.US_GOVERNMENT));
    assertThat(Authority.at(URI.create("https://LOGIN.partner.microsoftonline.cn")))
        .isEqualTo(Authority.of(EntraCloud.CHINA));
    assertThat(Authority.at(URI.create("https://contoso.ciamlogin.com")))
        .isEqualTo(Authority.externalId("Contoso"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Authority.at(URI.create("https://contoso.b2clogin.com")))
        .withMessageContaining("B2C");
    assertThatIllegalArgumentException().isThrownBy(() -> Authority.externalId("a.b"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Authority.of(EntraCloud.PUBLIC).withV1Issuer("https://sts.example/"));
  }

  @Test
  void tenantsThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tenants.listed(List.of()))
        .withMessageContaining("anyOrganization");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EntraTokenValidator.builder(
                        Tenants.anyOrganization(), Audience.of(UUID.randomUUID().toString()))
                    .authority(Authority.externalId("contoso"))
                    .build())
        .withMessageContaining("tenants");
  }

  private EntraTokenValidator of(Tenants tenants) {
    return fixture.validator(tenants).build();
  }

  private TokenBuilder token() {
    return fixture.token();
  }

  /** The published key that belongs to one tenant alone. */
  private SigningKey keyOf(UUID tenant) {
    return fixture.entra.keys().stream()
        .filter(key -> key.tenant().filter(tenant::equals).isPresent())
        .findFirst()
        .orElseThrow();
  }

  private static String verdict(EntraTokenValidator validator, TokenBuilder token) {
    return EntraFixture.verdict(validator, token.mint());
  }
}
