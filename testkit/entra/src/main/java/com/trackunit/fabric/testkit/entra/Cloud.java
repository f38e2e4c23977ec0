// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

/**
 * The sovereign clouds of Entra ID. A stand-in plays one of them: it is told apart by {@code
 * cloud_instance_name} in the discovery document and on the keys, and by the host of v1 issuers.
 */
public enum Cloud {
  /** The worldwide cloud, {@code login.microsoftonline.com}. */
  PUBLIC(
      "microsoftonline.com", "sts.windows.net", "graph.windows.net", "graph.microsoft.com", "EU"),
  /** The cloud of the US Government, {@code login.microsoftonline.us}. */
  US_GOVERNMENT(
      "microsoftonline.us", "sts.windows.net", "graph.windows.net", "graph.microsoft.us", "USGov"),
  /** The cloud in China, {@code login.partner.microsoftonline.cn}. */
  CHINA(
      "partner.microsoftonline.cn",
      "sts.chinacloudapi.cn",
      "graph.chinacloudapi.cn",
      "microsoftgraph.chinacloudapi.cn",
      "CN");

  private final String instanceName;
  private final String v1IssuerHost;
  private final String graphHost;
  private final String msGraphHost;
  private final String region;

  Cloud(
      String instanceName,
      String v1IssuerHost,
      String graphHost,
      String msGraphHost,
      String region) {
    this.instanceName = instanceName;
    this.v1IssuerHost = v1IssuerHost;
    this.graphHost = graphHost;
    this.msGraphHost = msGraphHost;
    this.region = region;
  }

  /**
   * What documents and keys call this cloud.
   *
   * @return the value of {@code cloud_instance_name}
   */
  public String instanceName() {
    return instanceName;
  }

  String v1IssuerHost() {
    return v1IssuerHost;
  }

  String graphHost() {
    return graphHost;
  }

  String msGraphHost() {
    return msGraphHost;
  }

  String region() {
    return region;
  }
}
