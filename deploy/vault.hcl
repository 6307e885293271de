# OpenBao or Vault of compose.yaml: one node, its data in a volume. Initialise and unseal it yourself; nothing here holds
# a root token.
storage "raft" {
  path    = "/vault/data"
  node_id = "one"
}

listener "tcp" {
  address     = "127.0.0.1:8200"   # the broker's loopback: nobody else can come here
  tls_disable = true
}

api_addr      = "http://127.0.0.1:8200"
cluster_addr  = "https://127.0.0.1:8201"
disable_mlock = true
