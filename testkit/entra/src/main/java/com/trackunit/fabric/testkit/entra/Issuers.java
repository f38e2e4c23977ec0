// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.net.URI;
import java.util.UUID;

/**
 * How issuers are spelled. As at Entra, a v2 issuer stands on the authority's own host without a
 * trailing slash, a v1 issuer on the STS host of the cloud with one. An External ID tenant names
 * itself in the host, whatever host serves the document.
 */
record Issuers(URI authority, Cloud cloud, boolean isExternalId) {
  /** The tenant of personal accounts. */
  static final UUID PERSONAL = UUID.fromString("9188040d-6c67-4c5b-b112-36a304b66dad");

  /** What stands for the tenant in documents and keys that serve many. */
  static final String TEMPLATE = "{tenantid}";

  String of(TokenVersion version, String tenant) {
    if (isExternalId) {
      return "https://" + tenant + ".ciamlogin.com/" + tenant + "/v2.0";
    }
    return version == TokenVersion.V1
        ? "https://" + cloud.v1IssuerHost() + "/" + tenant + "/"
        : authority + "/" + tenant + "/v2.0";
  }
}
